/**
 * Names of strongSwan's options, as versions 5.9.8 to 6.0.6 know them, in the notation of the option groups: `NAME` stands for any name.
 * What this daemon does with an option its own tables say; this list tells a misspelt option from one that has no effect yet.
 */

/** Options of `charon` itself. */
const CHARON = `
  journal.NAME journal.default accept_private_algs accept_unencrypted_mainmode_messages block_threshold cache_crls cert_cache
  check_current_path cisco_flexvpn cisco_unity close_ike_on_child_failure cookie_threshold cookie_threshold_ip crypto_test.bench
  crypto_test.bench_size crypto_test.bench_time crypto_test.on_add crypto_test.on_create crypto_test.required crypto_test.rng_true
  delete_rekeyed delete_rekeyed_delay dh_exponent_ansi_x9_42 dlopen_use_rtld_now dns1 dns2 dos_protection flush_auth_cfg
  follow_redirects force_eap_only_authentication fragment_size fragment_size_v4 fragment_size_v6 group half_open_timeout
  hash_and_url host_resolver.max_threads host_resolver.min_threads i_dont_care_about_security_and_use_aggressive_mode_psk
  ignore_acquire_ts ignore_routing_tables ikesa_limit ikesa_table_segments ikesa_table_size inactivity_close_ike
  init_limit_half_open init_limit_job_load initiator_only install_routes install_virtual_ip install_virtual_ip_on integrity_test
  interfaces_ignore interfaces_use iptfs.accept_fragments iptfs.dont_frag iptfs.drop_time iptfs.init_delay iptfs.max_queue_size
  iptfs.packet_size iptfs.reorder_window keep_alive keep_alive_dpd_margin leak_detective.detailed leak_detective.usage_threshold
  leak_detective.usage_threshold_count load load_modular make_before_break max_ikev1_exchanges max_packet multiple_authentication
  nbns1 nbns2 ocsp_nonce_len port port_nat_t prefer_best_path prefer_configured_proposals prefer_temporary_addrs process_route
  processor.priority_threads.critical processor.priority_threads.high processor.priority_threads.low
  processor.priority_threads.medium rdn_matching receive_delay receive_delay_request receive_delay_response receive_delay_type
  reject_trusted_end_entity replay_window reqid_base retransmit_base retransmit_jitter retransmit_limit retransmit_timeout
  retransmit_tries retry_initiate_interval reuse_ikesa routing_table routing_table_prio rsa_pss rsa_pss_trailerfield send_delay
  send_delay_request send_delay_response send_delay_type send_vendor_id signature_authentication
  signature_authentication_constraints spi_label spi_mask spi_max spi_min start-scripts.NAME stop-scripts.NAME threads tls.cipher
  tls.ke_group tls.key_exchange tls.mac tls.send_certreq_authorities tls.signature tls.suites tls.version_max tls.version_min user
  x509.enforce_critical
`;

/** Options of plugins, by their names. */
const PLUGINS: Readonly<Record<string, string>> = {
  addrblock: "depth strict",
  android_log: "loglevel",
  "attr-sql": "crash_recovery database lease_history",
  bliss: "use_bliss_b",
  botan: "internal_rng_only rng.strong rng.true",
  "bypass-lan": "interfaces_ignore interfaces_use",
  certexpire: "csv.cron csv.empty_string csv.fixed_fields csv.force csv.format csv.local csv.remote csv.separator",
  coupling: "file hash max",
  curl: "redir tls_backend",
  dhcp: "force_server_address identity_lease interface interface_receive server use_server_port",
  dnscert: "enable",
  drbg: "max_drbg_requests",
  duplicheck: "enable socket",
  "eap-aka": "request_identity",
  "eap-aka-3gpp": "seq_check",
  "eap-aka-3gpp2": "seq_check",
  "eap-dynamic": "prefer_user preferred",
  "eap-gtc": "backend",
  "eap-peap": "fragment_size max_message_count phase2_method phase2_piggyback phase2_tnc request_peer_auth",
  "eap-radius": `
    accounting accounting_close_on_timeout accounting_interval accounting_requires_vip accounting_send_class class_group
    close_all_on_timeout dae.enable dae.listen dae.port dae.secret eap_start filter_id forward.ike_to_radius
    forward.radius_to_ike id_prefix nas_identifier port retransmit_base retransmit_timeout retransmit_tries secret server
    servers.NAME sockets source station_id_with_port xauth.NAME
  `,
  "eap-sim": "request_identity",
  "eap-simaka-sql": "database remove_used",
  "eap-tls": "fragment_size max_message_count",
  "eap-tnc": "max_message_count protocol",
  "eap-ttls": "fragment_size max_message_count phase2_method phase2_piggyback phase2_tnc phase2_tnc_method request_peer_auth",
  "error-notify": "socket",
  "ext-auth": "script",
  forecast: "groups interface reinject",
  gcrypt: "quick_random",
  ha: `
    autobalance buflen fifo_interface heartbeat_delay heartbeat_timeout local monitor pools remote resync secret segment_count
  `,
  ipseckey: "enable",
  "kernel-libipsec": "allow_peer_ts fwmark raw_esp",
  "kernel-netlink": `
    buflen force_receive_buffer_size fwmark hw_offload_feature_interface ignore_retransmit_errors install_routes_xfrmi mss mtu
    parallel_route parallel_xfrm policy_update port_bypass process_rules receive_buffer_size retries roam_events
    set_proto_port_transport_sa spdh_thresh.ipv4.lbits spdh_thresh.ipv4.rbits spdh_thresh.ipv6.lbits spdh_thresh.ipv6.rbits
    timeout xfrm_acq_expires
  `,
  "kernel-pfkey": "events_buffer_size route_via_internal",
  "kernel-pfroute": "mtu vip_wait",
  led: "activity_led blink_time",
  "load-tester": `
    addrs.NAME addrs_keep addrs_prefix ca_dir child_rekey crl delay delete_after_established digest dpd_delay dynamic_port
    eap_password enable esp fake_kernel ike_rekey init_limit initiator initiator_auth initiator_id initiator_match initiator_tsi
    initiator_tsr initiators issuer_cert issuer_key iterations mode pool preshared_key proposal request_virtual_ip responder
    responder_auth responder_id responder_tsi responder_tsr shutdown_when_complete socket version
  `,
  lookip: "socket",
  ntru: "parameter_set",
  openssl: "engine_id fips_mode load_legacy",
  openxpki: "database",
  "osx-attr": "append",
  "p-cscf": "enable.NAME",
  pkcs11: `
    modules.NAME.load_certs modules.NAME.os_locking modules.NAME.path reload_certs use_dh use_ecc use_hasher use_pubkey use_rng
    use_rsa_pss_hashers
  `,
  radattr: "dir message_id",
  random: "random strong_equals_true urandom",
  resolve: "file resolvconf.iface resolvconf.iface_prefix resolvconf.path",
  revocation: "enable_crl enable_ocsp timeout",
  "save-keys": "esp ike load wireshark_keys",
  "socket-default": "fwmark set_source set_sourceif use_ipv4 use_ipv6",
  sql: "database loglevel",
  stroke: `
    allow_swap ignore_missing_ca_basic_constraint max_concurrent prevent_loglevel_changes secrets_file socket timeout
  `,
  "systime-fix": "interval reauth threshold threshold_format timeout",
  "tnc-ifmap": "client_cert client_key device_name renew_session_interval server_cert server_uri username_password",
  "tnc-imc": "dlclose preferred_language",
  "tnc-imv": "dlclose recommendation_policy",
  "tnc-pdp": "pt_tls.enable pt_tls.port radius.enable radius.method radius.port radius.secret server timeout",
  "tnccs-11": "max_message_size",
  "tnccs-20": "max_batch_size max_message_size mutual tests.pb_tnc_noskip tests.pb_tnc_version",
  tpm: "ek_handle fips_186_4 tcti.name tcti.opts use_rng",
  unbound: "dlv_anchors resolv_conf trust_anchors",
  updown: "dns_handler",
  vici: "socket",
  whitelist: "enable socket",
  wolfssl: "fips_mode",
  "xauth-eap": "backend",
  "xauth-pam": "pam_service session trim_email",
};

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** All of them, as paths below `charon`. */
export const STRONGSWAN_OPTIONS: readonly string[] = [
  ...words(CHARON),
  ...Object.entries(PLUGINS).flatMap(([plugin, options]) => words(options).map((option) => `plugins.${plugin}.${option}`)),
];

/** Top-level sections of strongSwan's libraries and other programs, which are none of a daemon's business. */
export const OTHER_PROGRAMS: ReadonlySet<string> = new Set(
  words(`
    aikgen attest charon charon-cmd charon-nm charon-svc charon-systemd charon-tkm conftest imv_policy_manager libimcv libipsec libradius
    libsimaka libstrongswan libtls libtnccs libtpmtss libttls manager medcli medsrv openac pacman pki pool pt-tls-client scepclient
    sec-updater starter sw-collector swanctl tpm_extendpem
  `),
);
