//! A transport of your own over a stream of bytes that is open already: here a pair of Unix sockets,
//! such as a sandboxed process has to its proxy.

#[cfg(unix)]
mod unix;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    unix::main()
}

#[cfg(not(unix))]
fn main() {
    println!("there are no Unix sockets here");
}
