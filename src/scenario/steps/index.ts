/** The kinds of steps, by their word in a scenario file: one line a kind. */
import { loginSchema } from './login.ts';

export const stepSchemas = { login: loginSchema } as const;
