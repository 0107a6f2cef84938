/** Tells a PKCS #12 file of ours from one that somebody else has made. */

/** The salt of its MAC begins with it. */
export const ownMark = 'wirelab\0';

/** @param bytes as Latin-1 text */
export const isOwnPkcs12 = (bytes: string): boolean => bytes.includes(ownMark);
