//! Words for people, from the brief and nothing else: check run, comment, replies, page fragments. Pure.
