/** The same with each damage at every file, about a thousand of them, instead of one of each kind. */
import './kubeadm-damage.test.ts';
