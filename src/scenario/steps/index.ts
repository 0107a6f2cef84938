/** The kinds of steps: one line a kind. */
import { login, loginSchema } from './login.ts';

/** Their words in a file. Apart from the kinds, because a kind's planning knows the whole file, and the file these. */
export const stepSchemas = { login: loginSchema } as const;
export const stepKinds = { login } as const satisfies Record<keyof typeof stepSchemas, unknown>;

export type StepKindName = keyof typeof stepKinds;
