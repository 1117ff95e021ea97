use super::checks::*;
use super::stage::Stage;
use super::verdict::Outcome;

/// Calls the macro `$then` with what precedes, and with every check as `(Code, name_of_the_test, isolation, function)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __openlineage_checks {
    ($then:path $(, $before:tt)*) => {
        $then! {
            $($before)*
            (L1, l1_quiet_birth, isolated, life::quiet_birth)
            (L2, l2_first_event_starts_it, here, life::first_event_starts)
            (L3, l3_a_failed_start_is_not_an_end, here, life::failed_start)
            (L4, l4_flush_on_new, here, life::flush_on_new)
            (L5, l5_one_direction, here, life::one_direction)
            (C1, c1_close_from_new, here, close::from_new)
            (C2, c2_close_drains, here, close::drains)
            (C3, c3_close_keeps_its_deadline, here, close::keeps_deadline)
            (C4, c4_close_twice, here, close::twice)
            (C5, c5_close_together, here, close::together)
            (C6, c6_close_releases, isolated, release::close_releases)
            (C7, c7_no_return_from_the_dead, here, close::no_return)
            (C8, c8_dropped_close, here, close::dropped)
            (C9, c9_close_now, here, close::now)
            (F1, f1_flush_is_a_barrier, here, flush::barrier)
            (F2, f2_flush_keeps_the_state, here, flush::keeps_state)
            (F3, f3_overlapping_flushes, here, flush::overlapping)
            (F4, f4_flush_keeps_its_deadline, here, flush::keeps_deadline)
            (A1, a1_conservation, here, account::conservation)
            (A2, a2_refused_means_refused, here, account::refused)
            (A3, a3_no_copies_without_a_retry, here, account::no_copies)
            (A4, a4_order_within_a_run, here, order::within_a_run)
            (A5, a5_bounded_memory, here, queue::bounded)
            (A6, a6_no_wait_for_own_space, here, queue::own_space)
            (A7, a7_dropped_emit, here, account::dropped_emit)
            (A8, a8_room_in_order, here, queue::room_in_order)
            (R1, r1_emit_against_close, here, race::emit_against_close)
            (R2, r2_first_emit_from_many_threads, here, race::first_emit)
            (R3, r3_flush_against_close, here, race::flush_against_close)
            (T1, t1_transient_is_retried, here, retry::transient)
            (T2, t2_permanent_is_not, here, retry::permanent)
            (T3, t3_exhausted_says_so, here, retry::exhausted)
            (T4, t4_slow_down_is_heard, here, retry::slow_down)
            (T5, t5_panic_far_inside, here, retry::panic_inside)
            (D1, d1_drop_without_close, isolated, drops::without_close)
            (D2, d2_drop_in_async_code, here, drops::in_async_code)
            (D3, d3_drop_releases, isolated, release::drop_releases)
            (D4, d4_drop_while_closing, here, drops::while_closing)
            (E1, e1_bare_executor, here, executor::bare)
            (E2, e2_current_thread_tokio, here, executor::current_thread)
            (E3, e3_one_worker_tokio, here, executor::one_worker)
            (E4, e4_lent_runtime_gone, here, executor::lent_runtime_gone)
            (E5, e5_does_not_block, here, executor::does_not_block)
            (E6, e6_facade_on_the_worker, here, executor::facade_on_the_worker)
            (I1, i1_idle_is_idle, isolated, idle::idle)
            (I2, i2_many_share_one, isolated, idle::many_share_one)
            (S1, s1_secrets_stay, isolated, secret::stays)
            (W1, w1_forwarding, here, wrap::forwards)
            (W2, w2_shared_child, here, shared::child)
            (K1, k1_fork_child_emits, isolated, forked::child_emits)
            (K2, k2_fork_parent_unharmed, isolated, forked::parent_unharmed)
        }
    };
}

macro_rules! table {
    ($(($code:ident, $name:ident, $place:ident, $check:path))+) => {
        /// One promise of the contract. The code is the one in brackets in the documentation of
        /// [`Transport`](crate::transport::Transport).
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Check {
            $(#[doc = concat!("`", stringify!($name), "`")] $code,)+
        }

        impl Check {
            /// Must it have a process of its own, because it counts what a process has, or forks it?
            pub(super) fn is_isolated(self) -> bool {
                match self { $(Self::$code => table!(@ $place),)+ }
            }

            pub(super) fn run(self, stage: &Stage) -> Outcome {
                match self { $(Self::$code => $check(stage),)+ }
            }
        }
    };
    (@ isolated) => { true };
    (@ here) => { false };
}

crate::__openlineage_checks!(table);
