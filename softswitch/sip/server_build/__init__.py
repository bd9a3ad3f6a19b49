"""The server build of PJSIP: from a source tarball to an installed wheel.

A general-purpose build of PJSIP carries four calls at once and watches its sockets by select. The
server build is the same source, configured for a switch (`recipe`). None of PJSIP's code is kept
here: the tarball is named by the user or fetched through apt (`source`, `apt`); the wheel it
becomes (`wheel`) replaces the general-purpose one in the current environment (`build`).

PJSIP is licensed GPL-2.0-or-later, or commercially by its makers; so is what is built here.
"""
