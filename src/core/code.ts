/**
 * Numbers out of a registry (an alert, a cipher suite, a group): a number of one registry does not pass for one of another. Any
 * number may come from a peer, so a plain number is taken for one; what it is called stands beside the registry's names.
 */
declare const registry: unique symbol;

export type Code<Registry extends string> = number & { readonly [registry]?: Registry };

/** What stands for a code that has no registered name, as `toCode` writes it. */
export type UnknownCode = `0x${string}`;
