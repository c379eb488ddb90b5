//! Child processes of this very program, and the CPU time that they used.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A child that is stopped when it goes out of scope.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts this program with other arguments; what it logs is not shown.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(arguments: &[&str]) -> io::Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// CPU time so far, of all its threads (proc(5), fields 14 and 15 of `stat`).
    ///
    /// # Errors
    /// If the process is gone.
    pub fn cpu(&self) -> io::Result<Duration> {
        cpu_of(self.child.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// CPU time of the process with this number.
///
/// # Errors
/// If there is none.
pub fn cpu_of(pid: u32) -> io::Result<Duration> {
    /// Linux counts in hundredths of a second for user space, whatever the kernel's own tick.
    const TICKS_A_SECOND: u64 = 100;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks =
        |number: usize| fields.split_whitespace().nth(number - 3).and_then(|field| field.parse::<u64>().ok());
    let (Some(user), Some(system)) = (ticks(14), ticks(15)) else {
        return Err(io::Error::other("/proc/<pid>/stat has another form than expected"));
    };
    Ok(Duration::from_millis((user + system) * 1000 / TICKS_A_SECOND))
}

/// The most resident memory that the process with this number had so far, in bytes (proc(5), `VmHWM`).
///
/// # Errors
/// If there is none.
pub fn peak_memory(pid: u32) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| io::Error::other("/proc/<pid>/status has no VmHWM"))
}

/// A port that was free a moment ago.
///
/// # Errors
/// If the system has none.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
