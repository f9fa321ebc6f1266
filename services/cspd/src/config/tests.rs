use std::fs;

use csp_mail::carrier::Carrier;
use csp_store::Engine;

use super::*;

/// Settings from a file's text and some variables.
fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, Faults> {
    let (_folder, sources) = sources(file, variables);
    Config::load(&sources)
}

/// The file is there as long as its folder is.
fn sources(file: &str, variables: &[(&str, &str)]) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cspd.toml");
    fs::write(&path, file).unwrap();
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    (folder, Sources::new(Some(path), variables))
}

/// The names of all settings that were found fault with, in order.
fn faulty(file: &str, variables: &[(&str, &str)]) -> Vec<String> {
    load(file, variables).unwrap_err().0.into_iter().map(|fault| fault.field).collect()
}

#[test]
fn the_default_is_good_for_a_first_run() {
    let config = Config::load(&Sources::default()).unwrap();
    assert_eq!(config.environment, Environment::Development);
    assert_eq!(config.listen.api.to_string(), "127.0.0.1:7443");
    assert_eq!(config.database.url, "sqlite://data/csp.db");
    assert!(matches!(config.mail.carrier, Carrier::Folder(_)));
    assert_eq!(config.listen.web.unwrap().to_string(), "127.0.0.1:7480");
    assert_eq!(config.telemetry.endpoint, None);
    assert!(config.listen.tls.is_none() && !config.listen.is_exposed());
    assert!(config.scheduler.enabled && config.listen.reflection);
    assert_eq!(config.limits.shutdown.as_secs(), 20);
}

#[test]
fn the_environment_beats_the_file_and_the_file_beats_the_default() {
    let file = "[listen]\napi = '127.0.0.1:1'\n[limits]\nconnections = 500\n";
    let config = load(file, &[("CSPD_LISTEN__API", "127.0.0.1:2"), ("CSPD_SCHEDULER__ENABLED", "false"), ("PATH", "/bin")]).unwrap();
    assert_eq!(config.listen.api.port(), 2);
    assert_eq!(config.limits.connections, 500);
    assert_eq!(config.limits.connections_per_address, 100);
    assert!(!config.scheduler.enabled);
}

#[test]
fn the_file_is_named_by_option_or_else_by_a_variable() {
    let variables = || BTreeMap::from([("CSPD_CONFIG".to_owned(), "/from/variable.toml".to_owned())]);
    assert_eq!(Sources::new(None, variables()).file, Some("/from/variable.toml".into()));
    assert_eq!(Sources::new(Some("/from/option.toml".into()), variables()).file, Some("/from/option.toml".into()));
    let missing = Config::load(&Sources::new(None, variables())).unwrap_err().to_string();
    assert!(missing.contains("/from/variable.toml cannot be read"), "{missing}");
}

#[test]
fn the_data_goes_where_systemd_says_unless_the_settings_say_otherwise() {
    let config = load("", &[("STATE_DIRECTORY", "/var/lib/cspd:/var/lib/other")]).unwrap();
    assert_eq!(config.database.url, "sqlite:///var/lib/cspd/csp.db");
    let config = load("data_directory = '/srv/csp'", &[("STATE_DIRECTORY", "/var/lib/cspd")]).unwrap();
    assert_eq!(config.database.url, "sqlite:///srv/csp/csp.db");
}

#[test]
fn all_faults_are_told_at_once_and_each_by_name() {
    let file = "
        environment = 'staging'
        [listen]
        api = 'localhost'
        certificate = '/no/such/file.pem'
        plaintext = 'yes'
        web = 'everywhere'
        reflection = 'perhaps'
        [limits]
        connections = 0
        request_seconds = 1.5
        connections_per_address = 9
        requests = 5
        failures_per_minute = 0
        [database]
        url = 'mysql://host/csp'
        migrate_url = 'postgres://csp_owner@host/csp'
        [mail]
        transport = 'smtp'
        host = 'mail example'
        tls = 'starttls'
        ca_file = '/no/such/ca.pem'
        username = 'digest'
        from_address = 'digest'
        [log]
        filter = 'loud=='
        [telemetry]
        otlp_endpoint = 'collector:4317'
        service_name = ''
        sampling_ratio = 1.5
    ";
    assert_eq!(
        faulty(file, &[("CSPD_MAIL__PORT", "smtp")]),
        [
            "environment",
            "listen.api",
            "listen.web",
            "listen.key",
            "listen.plaintext",
            "listen.reflection",
            "limits.connections",
            "limits.failures_per_minute",
            "limits.request_seconds",
            "limits.connections_per_address",
            "limits.requests_per_tenant",
            "database.url",
            "database.migrate_url",
            "mail.from_address",
            "mail.password_file",
            "mail.port",
            "mail.tls",
            "mail.host",
            "mail.ca_file",
            "log.filter",
            "telemetry.otlp_endpoint",
            "telemetry.service_name",
            "telemetry.sampling_ratio",
        ]
    );
}

#[test]
fn a_fault_says_where_it_stands_and_what_would_be_right() {
    let (_folder, sources) = sources("[limits]\nconnections = -1", &[("CSPD_LOG__FORMAT", "xml")]);
    let text = Config::load(&sources).unwrap_err().to_string();
    assert!(text.contains("limits.connections must be a whole number from 1 to 100000 (in "), "{text}");
    assert!(text.contains("cspd.toml)"), "{text}");
    assert!(text.contains("log.format must be \"text\" or \"json\" (in the environment)"), "{text}");
}

#[test]
fn an_unknown_key_is_named_with_its_section_beside_all_other_faults() {
    let file = "environment = 'nowhere'\ncolour = 'red'\n[listen]\nadress = 'x'\n[limits]\nconnection_s = 1\n[mail.host]\nname = 'x'\n[disk]\nsize = 1\n";
    let text = load(file, &[("CSPD_LISTEN__PORT", "7443"), ("CSPD_LOGFORMAT", "json")]).unwrap_err().to_string();
    for expected in [
        "colour is no setting",
        "environment must be \"development\" or \"production\"",
        "listen.adress is no setting",
        "limits.connection_s is no setting; did you mean limits.connections?",
        "mail.host.name is no setting",
        "disk.size is no setting",
        "listen.port is no setting; did you mean mail.port? (in the environment)",
        "logformat is no setting; did you mean log.format? (in the environment)",
    ] {
        assert!(text.contains(expected), "{expected:?} in {text}");
    }
}

#[test]
fn a_section_is_no_value_and_a_value_no_section() {
    let text = load("mail = 'smtp'", &[]).unwrap_err().to_string();
    assert!(text.contains("mail is no setting"), "{text}");
    let text = load("[environment]\nname = 'production'", &[]).unwrap_err().to_string();
    assert!(text.contains("environment.name is no setting"), "{text}");
    let text = load("", &[("CSPD_MAIL", "smtp")]).unwrap_err().to_string();
    assert!(text.contains("mail is no setting"), "{text}");
}

#[test]
fn a_slip_in_the_file_is_told_by_line_and_without_the_line() {
    let text = load("[mail]\nusername = 'digest'\npassword_file = hunter2\n", &[]).unwrap_err().to_string();
    assert!(text.contains("is not TOML: line 3"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn production_refuses_a_folder_and_a_borrowed_address() {
    assert_eq!(faulty("environment = 'production'", &[]), ["mail.transport", "mail.from_address"]);
    let file =
        "environment = 'production'\n[mail]\ntransport = 'smtp'\nhost = 'mail.example.net'\nfrom_address = 'digest@csp.example.net'\n";
    let config = load(file, &[]).unwrap();
    assert!(matches!(config.mail.carrier, Carrier::Smtp(_)));
    assert_eq!(config.mail.post.domain, "csp.example.net");
}

#[test]
fn plaintext_that_others_can_reach_needs_its_words_in_development_too() {
    let production =
        "environment = 'production'\n[mail]\ntransport = 'smtp'\nhost = 'mail.example.net'\nfrom_address = 'digest@csp.example.net'\n";
    for file in [production, ""] {
        for open in ["0.0.0.0:7443", "[::]:7443", "192.0.2.1:7443"] {
            assert_eq!(faulty(file, &[("CSPD_LISTEN__API", open)]), ["listen.certificate"], "{open}");
            let config = load(file, &[("CSPD_LISTEN__API", open), ("CSPD_LISTEN__PLAINTEXT", "yes, behind a proxy")]).unwrap();
            assert!(config.listen.is_exposed());
        }
        for closed in ["127.0.0.1:7443", "[::1]:7443"] {
            assert!(load(file, &[("CSPD_LISTEN__API", closed)]).is_ok(), "{closed}");
        }
    }
}

#[test]
fn a_certificate_is_read_and_matched_with_its_key_before_anything_is_bound() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join(format!("{name}.pem")), folder.path().join(format!("{name}.key")));
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        (certificate.display().to_string(), key.display().to_string())
    };
    let (one, other) = (make("one"), make("other"));
    let with = |certificate: &str, key: &str| load("", &[("CSPD_LISTEN__CERTIFICATE", certificate), ("CSPD_LISTEN__KEY", key)]);
    assert!(with(&one.0, &one.1).unwrap().listen.tls.is_some());
    assert_eq!(with(&one.0, &other.1).unwrap_err().0[0].field, "listen.key");
    assert_eq!(with(&one.1, &one.0).unwrap_err().0.len(), 2);
    assert_eq!(with(&one.0, "/no/such/file").unwrap_err().0[0].field, "listen.key");
}

#[test]
fn the_password_comes_from_its_file_or_the_environment_and_from_nowhere_else() {
    let smtp = "[mail]\ntransport = 'smtp'\nhost = 'localhost'\nusername = 'digest'\n";
    assert!(load(smtp, &[("CSPD_MAIL__PASSWORD", "0042")]).is_ok());
    assert_eq!(faulty(smtp, &[]), ["mail.password_file"]);
    assert_eq!(faulty(&format!("{smtp}password = 'hunter2'\n"), &[]), ["mail.password", "mail.password_file"]);
    assert_eq!(faulty(smtp, &[("CSPD_MAIL__PASSWORD_FILE", "/no/such/file")]), ["mail.password_file"]);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "hunter2\n").unwrap();
    let file = file.display().to_string();
    assert!(load(smtp, &[("CSPD_MAIL__PASSWORD_FILE", &file)]).is_ok());
    assert_eq!(faulty(smtp, &[("CSPD_MAIL__PASSWORD_FILE", &file), ("CSPD_MAIL__PASSWORD", "hunter2")]), ["mail.password_file"]);
    fs::write(folder.path().join("password"), "two\nlines\n").unwrap();
    assert_eq!(faulty(smtp, &[("CSPD_MAIL__PASSWORD_FILE", &file)]), ["mail.password_file"]);
}

#[test]
fn an_address_with_a_password_comes_from_its_file_and_is_given_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).display().to_string()
    };
    let (app, owner) = (file("app", "postgres://csp_app:hunter2@db/csp\n"), file("owner", "postgres://csp_owner:hunter2@db/csp\n"));
    let files = [("CSPD_DATABASE__URL_FILE", app.as_str()), ("CSPD_DATABASE__MIGRATE_URL_FILE", owner.as_str())];
    let config = load("", &files).unwrap();
    assert_eq!(config.database.url, "postgres://csp_app:hunter2@db/csp");
    assert_eq!(config.database.migrate_url.as_deref(), Some("postgres://csp_owner:hunter2@db/csp"));
    assert!(!format!("{config:?}").contains("hunter2"));

    let both = [("CSPD_DATABASE__URL", "postgres://csp_app@db/csp"), files[0]];
    assert_eq!(faulty("", &both), ["database.url_file"]);
    assert_eq!(faulty("", &[("CSPD_DATABASE__URL_FILE", "/no/such/file")]), ["database.url_file"]);
    let wrong = file("wrong", "mysql://csp:hunter2@db/csp");
    let told = load("", &[("CSPD_DATABASE__URL_FILE", &wrong)]).unwrap_err().to_string();
    assert!(told.contains("database.url") && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_credential_is_a_file_that_systemd_gave_the_service() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("database-url"), "postgres://csp_app:hunter2@db/csp\n").unwrap();
    let given = ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap());
    let config = load("", &[("CSPD_DATABASE__URL_FILE", "credential:database-url"), given]).unwrap();
    assert_eq!(config.database.engine().unwrap(), Engine::Postgres);

    for name in ["credential:", "credential:..", "credential:../passwd", "credential:/etc/passwd"] {
        assert_eq!(faulty("", &[("CSPD_DATABASE__URL_FILE", name), given]), ["database.url_file"], "{name}");
    }
    let told = load("", &[("CSPD_DATABASE__URL_FILE", "credential:database-url")]).unwrap_err().to_string();
    assert!(told.contains("database.url_file can only be a credential where CREDENTIALS_DIRECTORY is set"), "{told}");
}

#[test]
fn the_page_for_machines_can_be_left_out_and_has_an_address_of_its_own() {
    assert_eq!(load("", &[("CSPD_LISTEN__WEB", "")]).unwrap().listen.web, None);
    assert_eq!(faulty("", &[("CSPD_LISTEN__WEB", "127.0.0.1:7443")]), ["listen.web"]);
    assert!(load("", &[("CSPD_LISTEN__WEB", "127.0.0.1:0"), ("CSPD_LISTEN__API", "127.0.0.1:0")]).is_ok());
}

#[test]
fn the_world_finds_it_at_a_web_address() {
    let address = |given: &str| load("", &[("CSPD_LISTEN__WEB_ADDRESS", given)]).unwrap().listen.web_address;
    assert_eq!(address(""), None);
    assert_eq!(address("https://digest.example.org/").as_deref(), Some("https://digest.example.org"));
    assert_eq!(address("https://example.org:8443/csp").as_deref(), Some("https://example.org:8443/csp"));
    for wrong in
        ["digest.example.org", "ftp://example.org", "https://", "https://me:secret@example.org", "https://example.org/?a=b", "/diary"]
    {
        assert_eq!(faulty("", &[("CSPD_LISTEN__WEB_ADDRESS", wrong)]), ["listen.web_address"], "{wrong}");
    }
}

#[test]
fn no_secret_is_ever_printed() {
    let file = "[mail]\ntransport = 'smtp'\nhost = 'localhost'\nusername = 'digest'\n";
    let variables = [
        ("CSPD_MAIL__PASSWORD", "hunter2"),
        ("CSPD_DATABASE__URL", "postgres://csp_app:hunter2@db.example.net/csp?password=hunter2"),
        ("CSPD_DATABASE__MIGRATE_URL", "postgres://csp_owner:hunter2@db.example.net/csp"),
    ];
    let (_folder, sources) = sources(file, &variables);
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.database.engine().unwrap(), Engine::Postgres);
    let layers = Layers::load(&sources).unwrap();
    let shown = layers.show();
    for printed in [format!("{config:?} {config:#?}"), format!("{sources:?}"), format!("{layers:?}"), shown.clone()] {
        assert!(!printed.contains("hunter2"), "{printed}");
    }
    assert!(shown.contains("url = \"postgres://csp_app:***@db.example.net/csp?***\"  # the environment"), "{shown}");
    assert!(shown.contains("password = \"***\"  # the environment"), "{shown}");
    assert!(shown.contains("port = 465\n"), "{shown}");
}

#[test]
fn what_is_shown_reads_back_as_the_same() {
    let shown = Layers::load(&Sources::default()).unwrap().show();
    let (_folder, again) = sources(&shown, &[]);
    assert_eq!(format!("{:?}", Config::load(&again).unwrap()), format!("{:?}", Config::load(&Sources::default()).unwrap()));
}

#[test]
fn an_address_of_a_database_is_shown_without_its_secrets() {
    use layers::without_secrets;
    assert_eq!(without_secrets("postgres://a:b@h/d"), "postgres://a:***@h/d");
    assert_eq!(without_secrets("postgres://a:b@c@h/d?x=y"), "postgres://a:***@h/d?***");
    assert_eq!(without_secrets("postgres://a@h/d"), "postgres://a@h/d");
    assert_eq!(without_secrets("sqlite:///var/lib/csp.db"), "sqlite:///var/lib/csp.db");
    assert_eq!(without_secrets("hunter2"), "***");
    assert_eq!(without_secrets(""), "");
}

#[test]
fn a_newer_list_of_bank_holidays_is_read_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bank-holidays.json");
    let path = file.display().to_string();
    let with = || load("", &[("CSPD_CALENDAR__BANK_HOLIDAYS", &path)]);
    assert_eq!(with().unwrap_err().0[0].field, "calendar.bank_holidays");
    fs::write(&file, r#"{"england-and-wales": {"events": []}}"#).unwrap();
    let told: Vec<String> = with().unwrap_err().0.into_iter().map(|fault| fault.reason).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("england-and-wales.events must not be empty"), "{told:?}");
    let days = r#"{"title": "New Year", "date": "2031-01-01"}, {"title": "Christmas", "date": "2031-12-25"}"#;
    let division = |name: &str| format!(r#""{name}": {{"events": [{days}]}}"#);
    let list: Vec<String> = ["england-and-wales", "scotland", "northern-ireland"].map(division).to_vec();
    fs::write(&file, format!("{{{}}}", list.join(","))).unwrap();
    let holidays = with().unwrap().holidays.expect("it was named");
    assert_eq!(holidays.of(csp_domain::calendar::Division::Scotland).years(), 2031..=2031);
    assert!(Config::load(&Sources::default()).unwrap().holidays.is_none());
}
