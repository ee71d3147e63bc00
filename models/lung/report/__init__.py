"""The evaluation for people: tables and pictures from one `Evaluation`, as a page that needs no network and no script."""
