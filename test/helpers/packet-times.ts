/** When the packets of a pcapng are said to have been seen. */

/** Microseconds since the epoch, of each enhanced packet block in the order of the file (section 4.3 of the draft). */
export function packetTimes(pcapng: Buffer): number[] {
  const times: number[] = [];
  for (let at = 0; at < pcapng.length; at += pcapng.readUInt32LE(at + 4)) {
    if (pcapng.readUInt32LE(at) === 6)
      times.push(pcapng.readUInt32LE(at + 12) * 2 ** 32 + pcapng.readUInt32LE(at + 16));
  }
  return times;
}
