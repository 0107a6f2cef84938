/** The demonstrations that show the same login on three wires and have a key each, in the order of their keys. */
export const counterparts: readonly string[] = ['plaintext', 'tls', 'mtls'];
