/**
 * Determines how many files this process may have open. A kernel that runs out of descriptors closes connections
 * silently; a proxy that counts can report it (`crowding.ts`).
 */

/** A generous value if the operating system reports no limit. */
const noLimit = 1_048_576;

/** Asked once: Node's report describes every socket as well, and takes tens of milliseconds. */
let limit: number | undefined;

/** The soft limit of open files (`ulimit -n`), as reported by Node when it was first asked for. */
export function openFilesLimit(): number {
  limit ??= reported();
  return limit;
}

function reported(): number {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
  };
  const { soft } = userLimits?.open_files ?? {};
  return typeof soft === 'number' && soft > 0 ? soft : noLimit;
}
