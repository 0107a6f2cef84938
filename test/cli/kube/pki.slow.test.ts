/** The same, with RSA, and kubectl on every kubeconfig. */
import './pki.test.ts';
