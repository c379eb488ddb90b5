//! Where a node listens: `host:port`, the host a DNS name or an IP address.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU16;
use std::str::FromStr;

use rustls_pki_types::{DnsName, ServerName};

/// `host:port`; an IPv6 address stands in brackets. The host is what the server's certificate must name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    host: Host,
    port: NonZeroU16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Host {
    Dns(DnsName<'static>),
    Ip(IpAddr),
}

/// Text that is no endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an endpoint: write host:port with a lower-case host name, an IPv4 address or an IPv6 address in brackets"
)]
pub struct BadEndpoint;

impl Endpoint {
    /// The host, without brackets.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Dns(name) => name.as_ref().to_owned(),
            Host::Ip(address) => address.to_string(),
        }
    }

    /// The port, 1–65535.
    pub const fn port(&self) -> u16 {
        self.port.get()
    }

    /// What the certificate of the server there must name.
    pub fn server_name(&self) -> ServerName<'static> {
        match &self.host {
            Host::Dns(name) => ServerName::DnsName(name.clone()),
            Host::Ip(address) => ServerName::IpAddress((*address).into()),
        }
    }
}

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.rsplit_once(':').ok_or(BadEndpoint)?;
        if !port.bytes().all(|byte| byte.is_ascii_digit()) || port.starts_with('0') {
            return Err(BadEndpoint);
        }
        Ok(Self { host: parse_host(host)?, port: port.parse().map_err(|_| BadEndpoint)? })
    }
}

fn parse_host(text: &str) -> Result<Host, BadEndpoint> {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().map(|ip| Host::Ip(ip.into())).map_err(|_| BadEndpoint);
    }
    match ServerName::try_from(text).map_err(|_| BadEndpoint)? {
        ServerName::DnsName(name) if !text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Ok(Host::Dns(name.to_owned()))
        }
        ServerName::IpAddress(address) if !text.contains(':') => Ok(Host::Ip(address.into())),
        _ => Err(BadEndpoint),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host(), self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_read_and_printed_alike() {
        for good in ["hb.example:8443", "localhost:1", "127.0.0.1:65535", "[::1]:8443"] {
            assert_eq!(good.parse::<Endpoint>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "hb.example",
            "hb.example:",
            "hb.example:0",
            "hb.example:65536",
            "hb.example:+1",
            ":8443",
            "::1:8443",
            "HB.example:1",
            "a b:1",
            "http://hb.example:1",
            "hb.example:01",
            "[127.0.0.1]:1",
            "*.example:1",
        ] {
            assert_eq!(bad.parse::<Endpoint>(), Err(BadEndpoint), "{bad}");
        }
    }
}
