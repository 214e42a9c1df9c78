//! Rules of the house: the arrows between rooms, the size of files.
