"""Here so that the tests of the rows find `acd_office` too."""
