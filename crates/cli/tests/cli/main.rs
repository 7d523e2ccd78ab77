//! The binary as a user meets it: arguments in, standard output, standard error and exit code out. What a search finds
//! is tested elsewhere; here it is how the tool behaves. One test binary, so that it links once.

mod check;
mod commands;
mod completions;
mod coverage;
mod detect;
mod detections;
mod explain;
mod functions;
mod search;
mod test;
mod tool;
mod tune;
