"""An exam as DICOM objects: images, class maps, structured report, key objects and the printed report."""
