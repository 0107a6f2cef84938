/** Whether a server name fits a pattern of an option: the name itself, or `*.` and a name. */

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** `*.` and a name: any name of exactly one label more (RFC 9525 section 6.3). */
export function isNamed(pattern: string, name: string): boolean {
  const [wanted, asked] = [plain(pattern), plain(name)];
  if (!wanted.startsWith('*.')) return wanted === asked;
  const dot = asked.indexOf('.');
  return dot > 0 && asked.slice(dot) === wanted.slice(1);
}
