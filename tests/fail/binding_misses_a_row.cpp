// SPDX-License-Identifier: MIT
// expect: the policy's wiring has a row, the one of this number from 0, that the binding never raises
import forksafe;
import forksafe.binding;
import toy;

using namespace forksafe;
using binding::Single;

using Raises =
    binding::Raises<toy::ToyPolicy, binding::Whole<"before">, binding::Whole<"pthread_atfork_prepare">, binding::Whole<"after">,
                    binding::Whole<"pthread_atfork_parent">, binding::Whole<"child">, Single<"first_use", ApplicationPostFork>,
                    Single<"gone", ApplicationWorkerReaped>, Single<"start", ApplicationServerStarting>>;

static_assert(binding::CompleteBinding<Raises>);
