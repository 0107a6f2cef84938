/**
 * How many files this process may have open. A kernel that runs out of descriptors closes connections without a word to
 * anybody; a proxy that counts can say so (`crowding.ts`).
 */

/** Where the operating system names no limit, a generous one. */
const noLimit = 1_048_576;

/** The soft limit of open files (`ulimit -n`), as Node reports it. */
export function openFilesLimit(): number {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
  };
  const { soft } = userLimits?.open_files ?? {};
  return typeof soft === 'number' && soft > 0 ? soft : noLimit;
}
