"""Services: the API, the page and the shell use them to reach the records and the logic; each service covers one subject."""
