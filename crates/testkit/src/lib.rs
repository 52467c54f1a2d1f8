//! The synthetic city, the simulators, the story.
