// SPDX-License-Identifier: MIT
// expect: the policy's wiring has a row, of this event and this hook, that the binding never raises
// expect: because 'is_no_row<(forksafe::)?ApplicationWorkerExit, Text<5>{"exit"}>' evaluated to false
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
