"""The tests of softswitch; a folder for each room."""
