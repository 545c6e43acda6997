//! Real packets through a net device: ping, a DNS question, a web page. All of it over one device
//! by name, whatever the routes say.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};

use ltewan::io::clock;
use ltewan::time::{Duration, Instant};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind, ipproto, recv, sendto,
    socket_with,
};

use super::probe_packets::{dns_answer, dns_question, echo_reply_number, echo_request};

/// How long one packet is waited for before another one is sent.
const PATIENCE: Duration = Duration::from_millis(250);

/// Sends echo requests until one is answered; the round trip time of that one.
pub(crate) fn ping(device: &str, to: IpAddr, limit: Duration) -> io::Result<Duration> {
    let deadline = clock::now() + limit;
    let mut number = 0;
    loop {
        number += 1;
        match ping_once(device, to, number) {
            Err(error) if clock::now() > deadline => {
                return Err(named(&format!("ping {to}"), error));
            }
            Err(_) => {}
            Ok(time) => return Ok(time),
        }
    }
}

/// Sends one echo request and waits for its answer.
pub(crate) fn ping_once(device: &str, to: IpAddr, number: u16) -> io::Result<Duration> {
    let (family, protocol) = match to {
        IpAddr::V4(_) => (AddressFamily::INET, ipproto::ICMP),
        IpAddr::V6(_) => (AddressFamily::INET6, ipproto::ICMPV6),
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::RAW, flags, Some(protocol))?;
    bind_to_device(&socket, device)?;
    if to.is_ipv6() {
        // Default routes are for packets from their own prefix, so the source has to be known.
        bind(&socket, &SocketAddr::new(global_v6(device)?.into(), 0))?;
    }
    let began = clock::now();
    let deadline = began + PATIENCE;
    let request = echo_request(to, number);
    sendto(&socket, &request, SendFlags::empty(), &SocketAddr::new(to, 0))?;
    let mut buffer = [0; 512];
    while wait_readable(&socket, deadline)? {
        let (_, len) = recv(&socket, &mut buffer, RecvFlags::empty())?;
        if echo_reply_number(to, buffer.get(..len).unwrap_or_default()) == Some(number) {
            return Ok(clock::now().saturating_since(began));
        }
    }
    Err(ErrorKind::TimedOut.into())
}

/// Asks a name server for an address: the A record over IPv4, the AAAA record over IPv6.
pub(crate) fn resolve(device: &str, server: IpAddr, name: &str) -> io::Result<(IpAddr, Duration)> {
    let any = match server {
        IpAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0))?;
    bind_to_device(&socket, device)?;
    socket.set_read_timeout(Some(PATIENCE * 4))?;
    let began = clock::now();
    let text = format!("name server {server}");
    let question = dns_question(name, server.is_ipv6());
    socket.send_to(&question, (server, 53)).map_err(|error| named(&text, error))?;
    let mut buffer = [0; 512];
    let len = socket.recv(&mut buffer).map_err(|error| named(&text, error))?;
    let answer = dns_answer(buffer.get(..len).unwrap_or_default());
    let address = answer.ok_or_else(|| io::Error::other(format!("{text}: no address")))?;
    Ok((address, clock::now().saturating_since(began)))
}

/// Fetches the page at the root of a web server; its body and the time it took.
pub(crate) fn fetch(host: IpAddr) -> io::Result<(String, Duration)> {
    let began = clock::now();
    let text = format!("http {host}");
    let mut stream = TcpStream::connect_timeout(&SocketAddr::new(host, 80), PATIENCE * 8)
        .map_err(|error| named(&text, error))?;
    stream.set_read_timeout(Some(PATIENCE * 8))?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")?;
    let mut page = String::new();
    stream.read_to_string(&mut page).map_err(|error| named(&text, error))?;
    let (head, body) = page.split_once("\r\n\r\n").unwrap_or_default();
    if !head.starts_with("HTTP/1.1 200") {
        return Err(io::Error::other(format!("{text}: {head}")));
    }
    Ok((body.to_owned(), clock::now().saturating_since(began)))
}

/// The device's global address. Its fields: address, index, prefix length, scope, flags, device.
fn global_v6(device: &str) -> io::Result<Ipv6Addr> {
    // That of the thread: only it may be in our network namespace.
    let table = std::fs::read_to_string("/proc/thread-self/net/if_inet6")?;
    let address = table.lines().find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let is_wanted = fields.get(3) == Some(&"00") && fields.get(5) == Some(&device);
        let digits = fields.first().filter(|_| is_wanted)?;
        u128::from_str_radix(digits, 16).ok().map(Ipv6Addr::from)
    });
    address.ok_or_else(|| named(device, ErrorKind::AddrNotAvailable))
}

fn wait_readable(socket: &impl AsFd, deadline: Instant) -> io::Result<bool> {
    let left = deadline.saturating_since(clock::now());
    let left = Timespec::try_from(left).map_err(io::Error::other)?;
    Ok(poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&left))? > 0)
}

fn named(what: &str, error: impl Into<io::Error>) -> io::Error {
    let error = error.into();
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

/// SO_BINDTODEVICE.
#[expect(unsafe_code, reason = "neither std nor rustix has this call")]
fn bind_to_device(socket: &impl AsRawFd, device: &str) -> io::Result<()> {
    let len = libc::socklen_t::try_from(device.len()).map_err(io::Error::other)?;
    let fd = socket.as_raw_fd();
    // SAFETY: the descriptor is open, and the kernel reads `len` bytes of the name during the call.
    let result = unsafe {
        libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, device.as_ptr().cast(), len)
    };
    if result == 0 { Ok(()) } else { Err(named(device, io::Error::last_os_error())) }
}
