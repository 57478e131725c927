//! The conformance table: what every transport promises, and each way a response can go wrong, as rows, with every
//! transport as a column. A row asserts the same of each: the same error for the same cause, in time, and a client
//! that then completes a normal exchange.
//!
//! `cargo test --all-features --test conformance`
#![allow(
    dead_code,
    unused_macros,
    reason = "without features there are no columns"
)]

mod calls;
mod columns;
mod dropped;
mod exchanges;
mod faults;
mod limits;
mod peers;
mod proxies;
mod resending;
mod tls;
mod unreachable;
mod v0;

/// The rows of one column.
macro_rules! column {
    ($name:ident, $transport:ty, [$($file:ident :: $row:ident),* $(,)?]) => {
        mod $name {
            $(
                #[test]
                fn $row() {
                    crate::$file::$row::<$transport>();
                }
            )*
        }
    };
}

/// The rows that every transport promises.
macro_rules! every_row {
    ($name:ident, $transport:ty) => {
        column!(
            $name,
            $transport,
            [
                calls::every_call_of_net2_is_sent_and_read_as_documented,
                calls::every_call_of_auto_connect_is_sent_and_read_as_documented,
                v0::every_call_of_v0_is_sent_and_read_as_documented,
                v0::trap_05_user_of_v0_who_lives_elsewhere_is_asked_for_there_once,
                v0::every_byte_of_a_form_arrives,
                exchanges::token_arrives_over_tls,
                exchanges::token_arrives_over_plain_http_on_loopback,
                exchanges::body_is_sent_with_its_length,
                exchanges::non_ascii_credentials_arrive_as_utf_8,
                exchanges::connection_is_reused,
                exchanges::idle_connections_are_bounded_in_time,
                exchanges::idle_connections_are_bounded_in_number,
                exchanges::response_before_its_request_has_ended_is_read,
                exchanges::sixty_four_exchanges_at_once_succeed,
                resending::connection_closed_by_the_server_is_replaced,
                resending::exchanges_survive_a_server_that_closes_after_each_response,
                resending::resendable_exchange_is_sent_again_where_a_reused_connection_breaks,
                resending::idle_timeout_of_a_server_is_not_a_response,
                resending::exchange_not_resendable_is_never_sent_again,
                resending::exchange_not_resendable_has_a_connection_of_its_own,
                resending::user_who_lives_elsewhere_is_asked_for_there_once,
                resending::failed_second_attempt_may_have_reached_concur,
                resending::exchange_is_not_sent_again_over_a_new_connection,
                resending::stray_byte_after_a_response_retires_the_connection,
                resending::connection_closed_after_its_response_is_not_reused,
                faults::refusal_has_concurs_words,
                faults::faults_of_concur_are_handled,
                faults::redirects_are_not_followed,
                faults::response_cut_off_at_any_byte_is_an_error,
                faults::response_reset_at_any_byte_is_an_error,
                faults::refused_heads_are_protocol_errors,
                faults::unusual_heads_are_accepted,
                faults::chunks_are_checked,
                faults::wrong_length_is_an_error,
                faults::close_delimited_body_must_end_with_close_notify,
                faults::error_status_survives_its_unreadable_body,
                limits::oversized_bodies_are_refused,
                limits::oversized_heads_are_protocol_errors,
                limits::lowered_body_limit_holds,
                limits::lowered_header_limit_holds,
                limits::slow_response_ends_at_the_deadline,
                limits::dripped_body_ends_at_the_deadline,
                tls::wrong_certificate_is_refused,
                tls::unknown_authority_is_refused,
                tls::old_tls_is_refused,
                tls::unusable_settings_are_errors,
                tls::whole_rustls_configuration_is_hardened,
                unreachable::silent_handshake_ends_at_the_deadline,
                unreachable::unreachable_host_is_an_error,
                unreachable::request_to_another_origin_is_refused,
                unreachable::tls_and_plain_http_do_not_mix,
                unreachable::empty_response_is_an_error,
                unreachable::connect_that_never_completes_ends_at_the_deadline,
                proxies::exchange_goes_through_a_tunnel_that_is_reused,
                proxies::credentials_go_to_the_proxy_and_not_to_concur,
                proxies::every_2xx_opens_a_tunnel_in_any_pieces,
                proxies::proxy_that_opens_no_tunnel_is_an_error,
                proxies::body_after_the_head_of_an_https_proxy_is_an_error,
                proxies::slow_proxy_ends_at_the_deadline,
                proxies::response_of_concur_through_a_proxy_is_concurs,
                proxies::tunnel_that_breaks_before_a_response_is_replaced,
                proxies::https_proxy_must_prove_its_identity,
                proxies::server_behind_a_proxy_must_prove_its_identity,
                proxies::tunnel_that_breaks_in_the_handshake_names_its_proxy,
                proxies::https_proxy_is_shown_no_certificate_and_no_protocol,
                proxies::proxy_that_fails_is_never_gone_around,
                proxies::this_machine_and_listed_hosts_are_reached_directly,
                proxies::user_who_lives_elsewhere_is_asked_for_through_another_tunnel,
            ]
        );
    };
}

/// The rows that core's own HTTP/1.1 codec promises, and hyper does not:
///
/// - hyper takes a response before its request for a broken connection;
/// - its error does not say whether a byte of the response had come;
/// - it has one error for several faults of a head, and for heads that are too large;
/// - it skips 1xx responses without end, and empty lines before a head;
/// - its smallest limit of a head is 8 KiB;
/// - a TLS alert after the handshake is a TLS error or a broken connection, depending on which of its tasks sees it.
macro_rules! every_row_of_our_codec {
    ($name:ident, $transport:ty) => {
        column!(
            $name,
            $transport,
            [
                exchanges::response_before_its_request_is_read,
                resending::exchange_is_not_sent_again_after_a_byte_of_response,
                faults::refused_heads_are_named,
                faults::empty_lines_before_a_head_are_refused,
                limits::oversized_heads_are_named,
                limits::endless_informational_responses_are_refused,
                limits::lowered_head_limit_holds,
                tls::missing_client_certificate_is_a_tls_error,
            ]
        );
    };
}

/// The rows about futures. A blocking transport has none.
macro_rules! every_row_of_futures {
    ($name:ident, $transport:ty) => {
        column!(
            $name,
            $transport,
            [
                dropped::future_dropped_at_any_await_point_leaves_nothing_behind,
                dropped::future_dropped_while_it_waits_closes_its_connection,
                dropped::future_dropped_while_its_proxy_is_silent_closes_the_connection,
            ]
        );
    };
}

/// The row about a future that is dropped while its peer reads nothing. Hyper does not promise it: its task waits
/// until the request is written.
macro_rules! every_row_of_futures_and_our_codec {
    ($name:ident, $transport:ty) => {
        column!(
            $name,
            $transport,
            [dropped::peer_that_never_reads_keeps_nothing]
        );
    };
}

#[cfg(feature = "blocking")]
mod blocking {
    every_row!(all, crate::columns::Blocking);
    every_row_of_our_codec!(codec, crate::columns::Blocking);
}

#[cfg(feature = "hyper")]
mod hyper_on_many_threads {
    every_row!(all, crate::columns::HyperOnThreads);
    every_row_of_futures!(futures, crate::columns::HyperOnThreads);
}

#[cfg(feature = "hyper")]
mod hyper_on_one_thread {
    every_row!(all, crate::columns::HyperOnOne);
    every_row_of_futures!(futures, crate::columns::HyperOnOne);
}

#[cfg(feature = "smol")]
mod on_smol {
    every_row!(all, crate::columns::Smol);
    every_row_of_our_codec!(codec, crate::columns::Smol);
    every_row_of_futures!(futures, crate::columns::Smol);
    every_row_of_futures_and_our_codec!(futures_and_codec, crate::columns::Smol);
}

#[cfg(feature = "async-std")]
mod on_async_std {
    every_row!(all, crate::columns::AsyncStd);
    every_row_of_our_codec!(codec, crate::columns::AsyncStd);
    every_row_of_futures!(futures, crate::columns::AsyncStd);
    every_row_of_futures_and_our_codec!(futures_and_codec, crate::columns::AsyncStd);
}
