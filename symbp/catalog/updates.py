"""Update rules: from a parameter w, its gradient g and the state of the optimizer to the next parameter and state.

The state starts as zeros. Every rule works on a parameter of any shape, element by element.
"""

LAYERS = """
# Gradient descent.
# Source: Saito, Deep Learning from Scratch, ch. 6.1.2; torch.optim.SGD
sgd(w, g, lr=0.01): w_next = w - lr*g

# Gradient descent with momentum: v is the velocity.
# Source: Saito, Deep Learning from Scratch, ch. 6.1.4 (torch.optim.SGD keeps -v/lr in its place)
momentum(w, g, v, lr=0.01, alpha=0.9):
    step = alpha*v - lr*g
    w_next = w + step
    v_next = step

# Nesterov's accelerated gradient, with the gradient taken at the parameter that is kept: v is the velocity.
# Source: Bengio, Boulanger-Lewandowski and Pascanu 2012, eq. 7; torch.optim.SGD(nesterov=True) keeps -v/lr in its place
nesterov(w, g, v, lr=0.01, alpha=0.9):
    step = alpha*v - lr*g
    w_next = w + alpha*step - lr*g
    v_next = step

# AdaGrad: h adds up the squares of the gradients.
# Source: Duchi, Hazan and Singer 2011; Saito, Deep Learning from Scratch, ch. 6.1.5; torch.optim.Adagrad (eps=1e-10)
adagrad(w, g, h, lr=0.01, eps=1e-7):
    squares = h + g**2
    w_next = w - lr*g/(sqrt(squares) + eps)
    h_next = squares

# RMSProp: s is a moving average of the squares of the gradients.
# Source: Tieleman and Hinton 2012, lecture 6.5; torch.optim.RMSprop
rmsprop(w, g, s, lr=0.01, rho=0.99, eps=1e-8):
    squares = rho*s + (1 - rho)*g**2
    w_next = w - lr*g/(sqrt(squares) + eps)
    s_next = squares

# Adam: m and v are moving averages of the gradient and of its square; t is the number of this step, from 1.
# Source: Kingma and Ba 2015, algorithm 1; torch.optim.Adam
adam(w, g, m, v, t=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    first = beta1*m + (1 - beta1)*g
    second = beta2*v + (1 - beta2)*g**2
    m_hat = first/(1 - beta1**t)
    v_hat = second/(1 - beta2**t)
    w_next = w - lr*m_hat/(sqrt(v_hat) + eps)
    m_next = first
    v_next = second

# AdamW: Adam, with a weight decay decoupled from the moving averages; t is the number of this step, from 1.
# Source: Loshchilov and Hutter 2019, algorithm 2; torch.optim.AdamW
adamw(w, g, m, v, t=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    first = beta1*m + (1 - beta1)*g
    second = beta2*v + (1 - beta2)*g**2
    m_hat = first/(1 - beta1**t)
    v_hat = second/(1 - beta2**t)
    w_next = w - lr*decay*w - lr*m_hat/(sqrt(v_hat) + eps)
    m_next = first
    v_next = second
"""
