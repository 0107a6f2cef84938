/** The processes of a control plane that can be restarted by themselves. */
export type ControlPlaneProcess = 'kube-apiserver' | 'kube-controller-manager' | 'etcd';
