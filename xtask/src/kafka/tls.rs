use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::shell;

/// Of a key that is worth nothing outside of a test.
pub(super) const STORE_PASSWORD: &str = "changeit";

/// Makes an authority and a certificate of it for the loopback, unless they are there.
pub(super) fn make(folder: &Path) -> Result<()> {
    let tls = folder.join("tls");
    if tls.join("ca.pem").is_file() {
        return Ok(());
    }
    let part = folder.join("tls-part");
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    fs::create_dir_all(&part)?;
    let keytool = |arguments: &str| -> Result<()> {
        let mut keytool = shell::program(&part, "keytool");
        keytool.args(arguments.split(' ')).args(["-storetype", "PKCS12", "-storepass", STORE_PASSWORD]);
        shell::output(&mut keytool).map(drop)
    };
    keytool(
        "-genkeypair -alias ca -keyalg EC -groupname secp256r1 -dname CN=openlineage-test-ca -ext bc:c \
         -ext ku:c=keyCertSign -validity 30 -keystore ca.p12",
    )?;
    keytool("-exportcert -rfc -alias ca -keystore ca.p12 -file ca.pem")?;
    keytool(
        "-genkeypair -alias broker -keyalg EC -groupname secp256r1 -dname CN=localhost -validity 30 -keystore broker.p12",
    )?;
    keytool("-certreq -alias broker -keystore broker.p12 -file broker.csr")?;
    keytool(
        "-gencert -rfc -alias ca -keystore ca.p12 -infile broker.csr -outfile broker.crt -validity 30 \
         -ext san=ip:127.0.0.1,dns:localhost -ext eku=serverAuth",
    )?;
    keytool("-importcert -noprompt -alias ca -file ca.pem -keystore broker.p12")?;
    keytool("-importcert -noprompt -alias broker -file broker.crt -keystore broker.p12")?;
    if tls.exists() {
        fs::remove_dir_all(&tls)?;
    }
    Ok(fs::rename(&part, &tls)?)
}
