import type { StarttlsProtocol } from './protocols.ts';
export const mysql = undefined as unknown as StarttlsProtocol;
