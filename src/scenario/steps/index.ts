/** The kinds of steps: one line a kind. */
import { login } from './login.ts';

export const stepKinds = { login } as const;

export type StepKindName = keyof typeof stepKinds;
