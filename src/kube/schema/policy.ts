/** Messages of policy/v1 (k8s.io/api, 1.32). */
import { message } from './message.ts';
import { deleteOptions, kind } from './meta.ts';

/** Inside of another object they may say of what kind they are, in JSON alone. */
const namedOptions = message('DeleteOptions', { ...deleteOptions.fields, kind: [0, 'string'], apiVersion: [0, 'string'] });

export const eviction = kind('Eviction', { deleteOptions: [2, namedOptions] });
