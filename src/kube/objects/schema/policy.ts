/** Messages of policy/v1 (k8s.io/api, 1.32). */
import { deleteOptions, kind } from './meta.ts';

export const eviction = kind('Eviction', { deleteOptions: [2, deleteOptions] });
