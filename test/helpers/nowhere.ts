/**
 * An address where nobody listens. A port that was just given back is no such place: the next test may be given it.
 * Port 1 (tcpmux) is below those that the system hands out, and has had no service for decades.
 */
import type { Address } from '../../src/capture/event.ts';

export const nowhere: Address = { host: '127.0.0.1', port: 1 };
