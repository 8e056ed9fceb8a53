"""Media: files, folders, zip files and DICOMDIRs, which are queried and retrieved from like a remote AE."""
