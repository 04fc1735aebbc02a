// SPDX-License-Identifier: MIT
export module forksafe.resource.openmp;

export import forksafe.resource;
import forksafe;
import forksafe.std;

export namespace forksafe {

/// Traits of PreForkOnly: ends the threads of GCC's OpenMP runtime before a fork, whichever libraries of the process
/// brought it (every loaded libgomp, also those that Python packages carry along).
///
/// Without that, a child hangs in its first parallel region if its parent had one (GCC 12). LLVM's runtime is left alone:
/// it sees to forks by itself (14 and 19). Neither library is linked against; what was linked statically is not found. Vetoes inside
/// a parallel region, and for a libgomp older than GCC 9 where the process has another thread, which may be its. Fork from the thread that runs the parallel regions: each
/// thread has a team of its own, and only the calling thread's can be ended.
struct OpenMp {
  void before_fork();
};

}  // namespace forksafe
