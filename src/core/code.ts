/**
 * Numbers of a registry (alerts, cipher suites, groups). A number of one registry is not assignable to another's type; a plain
 * number is assignable to any, since a peer may send any number. The names stand in one table per registry.
 */
declare const registry: unique symbol;

export type Code<Registry extends string> = number & { readonly [registry]?: Registry };

/** How a code without a registered name is written (`toCode`). */
export type UnknownCode = `0x${string}`;
