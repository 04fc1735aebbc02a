// SPDX-License-Identifier: MIT
// expect: the policy's wiring has a row, the one of this number from 0, that the binding never raises
// expect: because '9UL == ToyPolicy::wiring.size
import forksafe;
import forksafe.binding;
import toy;

using namespace forksafe;
using binding::Single;

using Raises =
    binding::Raises<toy::ToyPolicy, binding::Whole<"before">, binding::Whole<"pthread_atfork_prepare">, binding::Whole<"after">,
                    binding::Whole<"pthread_atfork_parent">, binding::Whole<"child">, Single<"first_use", ApplicationPostFork>,
                    Single<"gone", ApplicationWorkerReaped>, Single<"start", ApplicationServerStarting>>;

template <class App>
void start(App& app) {
  Raises::raise<"start", ApplicationServerStarting>(app, {});
}

using App = ForkSafeApp<toy::ToyPolicy>;

template void start<App>(App& app);
