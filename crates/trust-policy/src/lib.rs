//! Whom we believe, what is asked, what we tell: parse, check, decide.
