//! Every test that is not beside the code it tests, one module a kind.
