//! What every transport promises, and each way an answer can go wrong, as rows; every transport as a
//! column. A row asserts the same of each: the same error for the same cause, in time, and a client
//! that then completes a normal exchange.
//!
//! `cargo test --all-features --test conformance`
#![allow(
    dead_code,
    unused_macros,
    reason = "without features there are no columns"
)]

mod columns;
mod dropped;
mod exchanges;
mod faults;
mod limits;
mod peers;
mod tls;
mod unreachable;

/// The rows of the table, for one column.
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

macro_rules! every_row {
    ($name:ident, $transport:ty) => {
        column!($name, $transport, [
            exchanges::a_token_comes_back_over_tls,
            exchanges::a_token_comes_back_over_plain_http_on_loopback,
            exchanges::what_is_sent_is_what_concur_documents_and_no_more,
            exchanges::a_body_has_its_length,
            exchanges::non_ascii_credentials_arrive_as_utf_8,
            exchanges::a_connection_is_reused,
            exchanges::idle_connections_are_few_and_not_for_long,
            exchanges::no_more_connections_are_kept_than_may_be,
            exchanges::an_answer_may_come_before_its_request,
            exchanges::an_answer_may_come_before_its_request_has_ended,
            exchanges::sixty_four_at_once,
            exchanges::a_kept_connection_that_the_server_closed_is_not_used,
            exchanges::an_exchange_that_may_be_is_sent_once_more_when_a_kept_connection_dies,
            exchanges::one_that_may_not_is_not,
            exchanges::what_was_sent_may_have_arrived_though_it_cannot_be_sent_again,
            exchanges::nothing_is_sent_once_more_after_a_byte_of_answer_or_on_a_new_connection,
            exchanges::a_byte_past_the_answer_retires_the_connection,
            exchanges::a_connection_closed_after_its_answer_is_not_reused,
            faults::a_refusal_is_concurs_own_words,
            faults::faults_that_concur_itself_has,
            faults::redirects_are_not_followed,
            faults::an_answer_cut_off_at_any_byte_is_an_error,
            faults::an_answer_reset_at_any_byte_is_an_error,
            faults::lengths_and_codings,
            faults::chunks,
            faults::a_length_that_is_wrong,
            faults::a_body_that_ends_with_the_connection_must_end_properly,
            limits::endless_and_oversized_answers_end_at_the_limits,
            limits::limits_can_be_lowered,
            limits::nothing_outlives_the_deadline,
            limits::a_dripped_body_does_not_outlive_the_deadline,
            faults::a_status_that_says_enough_is_not_lost_with_its_page,
            tls::a_certificate_that_proves_nothing_gets_nothing,
            tls::an_authority_must_be_known,
            tls::old_tls_is_refused,
            tls::settings_that_cannot_be_used_are_errors_at_once,
            tls::a_whole_configuration_is_accepted_and_made_fit,
            tls::a_client_certificate_that_is_missed_after_the_handshake_is_no_broken_connection,
            unreachable::silence_before_and_during_the_handshake,
            unreachable::nobody_there,
            unreachable::another_host_is_refused_before_anything_is_sent,
            unreachable::tls_to_a_plain_port_and_plain_to_a_tls_port,
            unreachable::an_answer_that_ends_before_it_begins,
            unreachable::a_connect_that_never_completes,
        ]);
    };
}

/// The rows about futures, which a transport that blocks has none of.
macro_rules! every_row_of_futures {
    ($name:ident, $transport:ty) => {
        column!(
            $name,
            $transport,
            [
                dropped::a_future_dropped_at_each_await_point_leaves_nothing_behind,
                dropped::a_future_dropped_while_nobody_answers_closes_its_connection,
                dropped::a_peer_that_never_reads_keeps_nothing,
            ]
        );
    };
}

#[cfg(feature = "blocking")]
every_row!(blocking, crate::columns::Blocking);
#[cfg(feature = "hyper")]
every_row!(hyper_on_many_threads, crate::columns::HyperOnThreads);
#[cfg(feature = "hyper")]
every_row!(hyper_on_one_thread, crate::columns::HyperOnOne);
#[cfg(feature = "hyper")]
every_row_of_futures!(hyper_futures, crate::columns::HyperOnThreads);
#[cfg(feature = "hyper")]
every_row_of_futures!(hyper_futures_on_one_thread, crate::columns::HyperOnOne);
#[cfg(feature = "async-std")]
every_row!(on_async_std, crate::columns::AsyncStd);
#[cfg(feature = "async-std")]
every_row_of_futures!(async_std_futures, crate::columns::AsyncStd);
#[cfg(all(feature = "smol", not(feature = "async-std")))]
every_row!(on_smol, crate::columns::Smol);
#[cfg(all(feature = "smol", not(feature = "async-std")))]
every_row_of_futures!(smol_futures, crate::columns::Smol);
