//! People, households, relations: the register.
