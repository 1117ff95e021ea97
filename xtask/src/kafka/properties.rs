use std::path::Path;
use std::str::FromStr;

use super::{PASSWORD, USER};

/// Where a broker listens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Listeners {
    pub(crate) port: u16,
    pub(crate) sasl_port: Option<u16>,
    pub(crate) tls_port: Option<u16>,
    /// Where it listens, and where it says it does.
    pub(crate) proxy: Option<(u16, u16)>,
}

/// Kept in a file beside the broker's data, so that a restart finds them.
impl std::fmt::Display for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, to) = self.proxy.unwrap_or_default();
        let (sasl, tls) = (self.sasl_port.unwrap_or_default(), self.tls_port.unwrap_or_default());
        write!(f, "{} {sasl} {tls} {from} {to}", self.port)
    }
}

impl FromStr for Listeners {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ports: Vec<u16> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let port = |at: usize| ports.get(at).copied().filter(|port| *port > 0);
        let proxy = port(3).zip(port(4));
        Ok(Self { port: port(0).unwrap_or_default(), sasl_port: port(1), tls_port: port(2), proxy })
    }
}

pub(super) fn two_ports(text: &str) -> Result<(u16, u16), String> {
    let ports = text.split_once(':').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    ports.ok_or_else(|| "write PORT:PORT, such as 19096:19097".to_owned())
}

/// The file that the broker is started with.
pub(super) fn broker(listeners: Listeners, folder: &Path) -> String {
    let Listeners { port, sasl_port, tls_port, proxy } = listeners;
    let (mut at, mut more) = (format!("PLAINTEXT://127.0.0.1:{port}"), Vec::new());
    if let Some(port) = sasl_port {
        at += &format!(",SASL://127.0.0.1:{port}");
        more.push("listener.name.sasl.sasl.enabled.mechanisms=PLAIN,OAUTHBEARER".to_owned());
        more.push(format!(
            "listener.name.sasl.plain.sasl.jaas.config=\
             org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}=\"{PASSWORD}\";"
        ));
        // Takes tokens that nobody has signed.
        more.push(format!(
            "listener.name.sasl.oauthbearer.sasl.jaas.config=\
             org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \
             unsecuredLoginStringClaim_sub=\"{USER}\";"
        ));
    }
    if let Some(port) = tls_port {
        at += &format!(",SSL://127.0.0.1:{port}");
        let store = folder.join("tls/broker.p12");
        more.push("listener.name.ssl.ssl.keystore.type=PKCS12".to_owned());
        more.push(format!("listener.name.ssl.ssl.keystore.location={}", store.display()));
        more.push(format!("listener.name.ssl.ssl.keystore.password={}", super::tls::STORE_PASSWORD));
        more.push("listener.name.ssl.ssl.client.auth=none".to_owned());
    }
    let mut said = at.clone();
    if let Some((from, to)) = proxy {
        at += &format!(",PROXIED://127.0.0.1:{from}");
        said += &format!(",PROXIED://127.0.0.1:{to}");
    }
    let controller = port + 1;
    let data = folder.join("data");
    let mut lines = vec![
        format!("listeners={at},CONTROLLER://127.0.0.1:{controller}"),
        format!("advertised.listeners={said}"),
        format!("controller.quorum.voters=1@127.0.0.1:{controller}"),
        format!("log.dirs={}", data.display()),
    ];
    lines.extend(ALWAYS.map(str::to_owned));
    lines.extend(more);
    lines.join("\n") + "\n"
}

/// One broker that needs nobody else, small, and quick to come back: a session of 3 s is what a killed broker's next start
/// has to wait for.
const ALWAYS: [&str; 24] = [
    "process.roles=broker,controller",
    "node.id=1",
    "controller.listener.names=CONTROLLER",
    "inter.broker.listener.name=PLAINTEXT",
    "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,SSL:SSL,PROXIED:PLAINTEXT",
    "auto.create.topics.enable=true",
    "num.partitions=1",
    "default.replication.factor=1",
    "min.insync.replicas=1",
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "transaction.state.log.num.partitions=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    "share.coordinator.state.topic.num.partitions=1",
    "group.initial.rebalance.delay.ms=0",
    "num.network.threads=2",
    "num.io.threads=2",
    "background.threads=2",
    "log.cleaner.dedupe.buffer.size=4194304",
    "broker.session.timeout.ms=3000",
    "broker.heartbeat.interval.ms=500",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_are_read_as_they_were_written() {
        for (sasl_port, tls_port, proxy) in [(None, None, None), (Some(4), None, Some((5, 6))), (None, Some(7), None)] {
            let listeners = Listeners { port: 3, sasl_port, tls_port, proxy };
            assert_eq!(listeners.to_string().parse(), Ok(listeners));
        }
    }

    #[test]
    fn each_listener_has_its_place_in_the_properties() {
        let all = Listeners { port: 10, sasl_port: Some(20), tls_port: Some(30), proxy: Some((40, 50)) };
        let text = broker(all, Path::new("/f"));
        let has = |line: &str| assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
        has("listeners=PLAINTEXT://127.0.0.1:10,SASL://127.0.0.1:20,SSL://127.0.0.1:30,PROXIED://127.0.0.1:40,\
             CONTROLLER://127.0.0.1:11");
        has("advertised.listeners=PLAINTEXT://127.0.0.1:10,SASL://127.0.0.1:20,SSL://127.0.0.1:30,\
             PROXIED://127.0.0.1:50");
        has("listener.name.ssl.ssl.keystore.location=/f/tls/broker.p12");
    }

    #[test]
    fn two_ports_are_two_numbers() {
        assert_eq!(two_ports("1:2"), Ok((1, 2)));
        for text in ["1", "1:", "a:b", "1:70000"] {
            assert!(two_ports(text).is_err(), "{text}");
        }
    }
}
