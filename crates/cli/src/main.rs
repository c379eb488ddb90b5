//! `huxin`: parses, runs, returns a documented exit code.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    huxin_cli::run(std::env::args_os())
}
