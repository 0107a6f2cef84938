/** What work costs, however busy the machine is: limits of time by the clock fail where others want the processor too. */

/** Milliseconds of CPU that this process has taken since it began. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
