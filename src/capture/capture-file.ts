import { isPcap, readPcap } from './pcap-reader.ts';
import { readPcapng } from './pcapng-reader.ts';
import type { CaptureFile } from './pcapng-reader.ts';

export function readCaptureFile(bytes: Uint8Array): CaptureFile {
  return isPcap(bytes) ? readPcap(bytes) : readPcapng(bytes);
}
